//! User groups: permissions, limits, billing and delivery settings that accounts share.
