"""What tests of several kinds share: builders, doubles, engines, terminals."""
