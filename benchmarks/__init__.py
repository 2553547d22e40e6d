"""Side by side with the peers: training, generation and the loss, on this machine, in one run."""
