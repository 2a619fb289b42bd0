"""What if?: change a gate or a state of a trained model and measure what that does."""
