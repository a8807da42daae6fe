"""Windows (まとめ送り): what is not real time is gathered, shuffled and sent on when its window is over."""
