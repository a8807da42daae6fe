"""The national organisation (機構, J-LIS) as it gives My Numbers: simulated."""
