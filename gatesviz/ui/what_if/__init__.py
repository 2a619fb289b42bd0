"""What if?: change a gate or a memory of a trained model and measure what that does."""
