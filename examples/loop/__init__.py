"""What the closed loop needs beside Grove's own commands: its drills, controls and tables."""
