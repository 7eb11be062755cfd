"""The audit of simulated users: are they the person they play, and do they talk as people do?"""
