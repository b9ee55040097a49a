"""What tests of plugins are made of: contracts to inherit, small data with known answers, fakes. For tests only."""
