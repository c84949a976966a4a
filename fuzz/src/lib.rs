//! The product's parsers and writers of foreign bytes, compiled alone for fuzzing.
//!
//! The files are taken by path and not through the product's crate: that would build the databases and the web server with coverage counters,
//! which takes minutes instead of seconds. It works because these files know nothing else; the module names are those of the product.

#[path = "../../src/dialects"]
pub mod dialects {
    //! As in the product, without what needs no fuzzing.

    pub mod kit {
        //! As in the product, without what needs no fuzzing.

        pub mod form;
        pub mod jsonp;
        pub mod php_json;
        pub mod soap {
            //! As in the product, without what knows the web server.

            pub mod any;
            pub mod bytes;
            pub mod chars;
            pub mod contract;
            pub mod decode;
            pub mod encode;
            pub mod envelope;
            pub mod fault;
            pub mod gate;
            pub mod headers;
            pub mod lexical;
            pub mod limits;
            pub mod operation;
            pub mod references;
            pub mod security;
            pub mod tree;
        }
        pub mod value;
        pub mod xml;
    }

    pub mod oempro {
        //! As in the product, without the commands.

        pub mod envelope;
    }

    pub mod ofsys {
        //! As in the product, without the methods.

        pub mod codes;
        pub mod fault;

        pub mod json {
            //! As in the product, without the methods.

            pub mod clause;
            pub mod request;
        }
    }
}

#[path = "../../src/delivery"]
pub mod delivery {
    //! As in the product, without what sends or works.

    pub mod classify;

    pub mod transport {
        //! As in the product, the reading of replies alone.

        pub mod replies;

        /// As in the product.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct Reply {
            pub code: u16,
            pub enhanced: Option<(u8, u16, u16)>,
            pub text: String,
        }
    }

    pub mod inbound {
        //! As in the product, without the ways in.

        pub mod arf;
        pub mod auto_replies;
        pub mod codes;
        pub mod dsn;
        pub mod fields;
        pub mod mime;
        pub mod phrases;
        pub mod plain_bounces;
        pub mod reading;
        pub mod recipient;
        pub mod verp;
    }
}

#[path = "../../src/config"]
pub mod config {
    //! As in the product, the section with the limits alone.

    mod soap;

    pub use soap::SoapSettings;
}

#[path = "../../src/importing"]
pub mod importing {
    //! As in the product, without the files and databases that texts come from.

    pub mod text;
}

#[path = "../../src/domain"]
pub mod domain {
    //! As in the product, without whatever needs the store.

    pub mod access;
    pub mod attempts;
    pub mod envelope_senders;
    pub mod returned;
    pub mod tags;

    pub mod letters {
        //! As in the product, the text part alone.

        pub mod text_part;
    }

    pub mod core {
        //! What the product's module of this name says when the store fails.

        /// As in the product.
        #[derive(Debug, thiserror::Error)]
        #[error("the store failed")]
        pub struct Unavailable;
    }

    pub mod contacts {
        //! What the product's module of this name takes: clauses by name, values as they were sent.

        pub mod dates;

        pub mod clause {
            //! As in the product, without the store's side.

            use super::Given;

            /// As in the product.
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub enum Clause {
                All,
                Field(FieldClause),
                And(Vec<Clause>),
                Or(Vec<Clause>),
            }

            /// As in the product.
            #[derive(Debug, Clone, PartialEq, Eq)]
            pub struct FieldClause {
                pub name: String,
                pub operator: Operator,
                pub values: Vec<Given>,
            }

            /// As in the product.
            #[derive(Debug, Clone, Copy, PartialEq, Eq)]
            pub enum Operator {
                Equal,
                NotEqual,
                Greater,
                GreaterOrEqual,
                Less,
                LessOrEqual,
                Contains,
                StartsWith,
                EndsWith,
                IsNull,
                IsNotNull,
                In,
            }
        }

        /// As in the product.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Given {
            Null,
            Bool(bool),
            Text(String),
        }
    }

    pub mod imports {
        //! The bounds that the product's module of this name sets.

        /// As in the product.
        pub const PIECE_ROWS: usize = 1_000;
        /// As in the product.
        pub const PIECE_BYTES: usize = 256 * 1024;
    }
}

#[path = "../../src/model"]
pub mod model {
    //! As in the product, without what is stored.

    pub mod email_address;

    pub mod ids {
        //! The ids that the fuzzed files name, without the store's side.

        /// As in the product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct LinkTargetId(pub i64);
        /// As in the product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct MailId(pub i64);

        /// As in the product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct RecipientId(pub i64);
    }

    pub mod time {
        //! The product's moment, without the store's side.

        /// As in the product.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct UtcTime(pub i64);
    }
}
