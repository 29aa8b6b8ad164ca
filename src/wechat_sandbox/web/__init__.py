"""The page on which a person plays a customer by hand: plain modules, served as they lie here."""
