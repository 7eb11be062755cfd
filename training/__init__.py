"""Training: from trees to SFT and DPO through TRL."""
