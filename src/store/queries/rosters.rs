//! Pages of subscribers and their counts.
