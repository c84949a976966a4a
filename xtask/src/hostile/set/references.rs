//! References: chains, circles, and elements that multiply (SO-2.14, SO-4.2).

use super::{Case, Expected, Row, Service};

/// The rows.
pub fn rows(service: &Service) -> Vec<Row> {
    let value = &service.number.1;
    let chain = |n: usize| {
        let links: String = (1..n).map(|i| format!("<m id=\"r{i}\" href=\"#r{}\"/>", i + 1)).collect();
        service.number_elsewhere(&format!("{links}<m id=\"r{n}\">{value}</m>"))
    };
    let refused = |name: &str, beside: &str, expected| Case::new(name, service.referring(beside), expected);
    // Ten to the tenth elements, were they all visited.
    let level = |i: usize| format!("<m id=\"r{i}\">{}</m>", format!("<x href=\"#r{}\"/>", i + 1).repeat(10));
    let bomb: String = (1..=10).map(level).collect();
    vec![
        Row::limit("references in a row", 16, chain),
        Row {
            name: "references in a circle",
            allowed: Vec::new(),
            refused: vec![
                refused(
                    "of two",
                    "<m id=\"r1\"><x href=\"#r2\"/></m><m id=\"r2\"><x href=\"#r1\"/></m>",
                    Expected::LIMIT,
                ),
                refused("to itself", "<m id=\"r1\" href=\"#r1\"/>", Expected::LIMIT),
            ],
        },
        Row {
            name: "references to nothing, to two",
            allowed: Vec::new(),
            refused: vec![
                refused("nothing", "<m id=\"r2\"/>", Expected::UNREADABLE),
                refused("two", "<m id=\"r1\"/><m id=\"r1\"/>", Expected::UNREADABLE),
            ],
        },
        Row {
            name: "references that multiply",
            allowed: Vec::new(),
            refused: vec![refused("tenfold, ten times", &format!("{bomb}<m id=\"r11\">x</m>"), Expected::LIMIT)],
        },
    ]
}
