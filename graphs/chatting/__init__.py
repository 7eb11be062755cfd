"""The console chat: a person in a seat of the dialogue's state machine."""
