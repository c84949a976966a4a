//! Contents of `queries/number_ranges.rs`.

queries! { number_ranges {
    /// Moves a counter on by `n` and answers the last number taken; a counter begins at 0.
    fn reserve_numbers(name: &str, n: i64) -> i64;
} }
