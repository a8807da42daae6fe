"""What happens in a city's year: each occasion makes a filing and says what the generator learns from its outcome."""
