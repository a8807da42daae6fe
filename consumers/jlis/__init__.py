"""The national organisation (機構, J-LIS): where number notices and cards are sent."""
