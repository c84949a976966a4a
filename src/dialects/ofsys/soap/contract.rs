//! What `wsdl/ofsys.wsdl` says, in Rust: types, the trait [`OfsysService`], the adapter [`Ofsys`] and [`CONTRACT`]. How to implement and mount it is
//! told in [`crate::dialects::kit::soap`].

use crate::dialects::kit::soap;

include!(concat!(env!("OUT_DIR"), "/wsdl/ofsys.rs"));

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option::of;
    use proptest::prelude::*;

    use super::*;
    use crate::dialects::kit::soap::oracle::{agree, any_value, text};

    #[test]
    fn the_operations_are_those_of_the_old_platform_and_their_relatives() {
        let names: Vec<&str> = CONTRACT.operations.iter().map(|operation| operation.name).collect();
        assert_eq!(
            names,
            [
                "USER.CREATE",
                "MESSAGE.SENDSINGLE",
                "USER.ACTIVATE",
                "USER.GET",
                "USER.UPDATE",
                "USER.DEACTIVATE",
                "USER.DELETE",
                "MESSAGE.CREATE"
            ]
        );
        for operation in CONTRACT.operations {
            assert_eq!(operation.action, format!("urn:ofsys:soap#{}", operation.name));
            assert_eq!(operation.parameter, "Request");
            assert_eq!(CONTRACT.find(operation.safe_name), CONTRACT.find(operation.name));
        }
    }

    fn key() -> impl Strategy<Value = AuthKey> {
        (1_i64.., of("[A-Za-z0-9]{32}")).prop_map(|(id_key, key)| AuthKey { id_key: Some(id_key), key })
    }

    fn body() -> impl Strategy<Value = MessageBody> {
        text().prop_map(|content| MessageBody { mime_type: Some("text/html".to_owned()), content: Some(content) })
    }

    proptest! {
        #[test]
        fn new_contacts_mean_the_same_to_yaserde(auth in of(key()), project in of(1_i64..), fields in of(any_value()), active in of(any::<bool>())) {
            let request = UserCreateRequest { auth_key: auth, id_project: project, fields, is_active: active };
            agree(&request, "UserCreateRequest")?;
        }

        #[test]
        fn contacts_mean_the_same_to_yaserde(id in 1_i64.., values in vec((text(), text()), 1..4)) {
            let item = values.into_iter().map(|(name, value)| FieldValue { name, value: Some(value) }).collect();
            let result = UserGetResult {
                success: true,
                error_code: Some("x".to_owned()),
                error_message: Some("y".to_owned()),
                id_contact: Some(id),
                is_active: Some(false),
                fields: Some(FieldValues { item }),
            };
            agree(&result, "UserGetResult")?;
        }

        #[test]
        fn new_messages_mean_the_same_to_yaserde(name in text(), subjects in vec((text(), vec(body(), 1..3)), 1..3)) {
            let item = subjects.into_iter().map(|(subject, item)| MessageVersion {
                culture: Some("fr-CA".to_owned()),
                subject: Some(subject),
                message_bodies: Some(MessageBodies { item }),
                ..MessageVersion::default()
            });
            let versions = MessageVersions { item: item.collect() };
            let message = MessageDefinition { name: Some(name), message_versions: Some(versions), ..MessageDefinition::default() };
            agree(&message, "MessageDefinition")?;
        }
    }
}
