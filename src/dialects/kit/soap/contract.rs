//! What the WSDL says of a service, as data: wsdl-codegen writes one [`Contract`] for each.

/// A service.
#[derive(Debug)]
pub struct Contract {
    /// Its name.
    pub service: &'static str,
    /// Its target namespace.
    pub namespace: &'static str,
    /// The element that stands in a fault's detail.
    pub fault_element: &'static str,
    /// Its operations.
    pub operations: &'static [Operation],
    /// Names of the operations without case and `. - _`, sorted, with their places.
    pub folded: &'static [(&'static str, usize)],
    /// The texts of `?wsdl`, `?wsdl=doc`, `?wsdl=safe` and `?wsdl=12`, each cut where the address belongs.
    pub wsdl: [&'static [&'static str]; 4],
}

/// An operation.
#[derive(Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Its name in `?wsdl=safe`.
    pub safe_name: &'static str,
    /// Its SOAPAction.
    pub action: &'static str,
    /// The name of its only parameter.
    pub parameter: &'static str,
}

impl Contract {
    /// The place of an operation, by a name in any case and with or without `. - _` (SO-2.8).
    pub fn find(&self, name: &str) -> Option<usize> {
        if name.len() > 128 {
            return None;
        }
        let folded: String =
            name.chars().filter(|c| !matches!(c, '.' | '-' | '_')).flat_map(char::to_lowercase).collect();
        let found = self.folded.binary_search_by(|(known, _)| (*known).cmp(folded.as_str())).ok()?;
        self.folded.get(found).map(|(_, place)| *place)
    }

    /// The place of the operation that a SOAPAction names: the action itself, or whatever ends in `#name` or `/name`.
    pub fn find_by_action(&self, action: &str) -> Option<usize> {
        let action = action.trim().trim_matches('"').trim();
        if action.is_empty() {
            return None;
        }
        self.find(action.rsplit(['#', '/']).next().unwrap_or(action))
    }
}
