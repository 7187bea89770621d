//! What users are likely to get wrong, and what they read then.

use authkeep::{Call, Client, Config};
use serde_json::{Value, json};

use super::programs::with;
use super::server::{Emulation, TestServer};
use super::vendors::Vendor;

/// One wrong setting.
pub struct Mistake {
    /// The system.
    pub provider: &'static str,
    /// What is wrong.
    pub made: &'static str,
    /// What the emulation is told.
    told: fn() -> Value,
    /// Makes a good config wrong.
    make: fn(&mut Value, &Emulation),
    /// What is asked for; `ORIGIN` stands for the emulation.
    target: &'static str,
    /// What the user reads, but for the time until the next attempt; `ORIGIN`
    /// stands for the emulation.
    pub read: &'static str,
}

fn nothing() -> Value {
    json!({})
}

fn swap(config: &mut Value, one: &str, other: &str) {
    let (first, second) = (config[one].take(), config[other].take());
    (config[one], config[other]) = (second, first);
}

fn swap_id_and_secret(config: &mut Value, _: &Emulation) {
    swap(config, "client_id", "client_secret");
}

fn remove_secret(config: &mut Value, _: &Emulation) {
    config.as_object_mut().unwrap().remove("client_secret");
}

/// The mistakes.
pub const MISTAKES: [Mistake; 14] = [
    Mistake {
        provider: "aprimo-dm",
        made: "user name and password are swapped",
        told: nothing,
        make: |config, _| swap(config, "username", "password"),
        target: "/orders",
        read: "aprimo-dm: the token endpoint ORIGIN/api/v1.0/token refused the credentials \
               (invalid_grant, HTTP 400); check \"username\" and \"password\" (given as a \
               value), then call reset; it says: The user name or password is incorrect",
    },
    Mistake {
        provider: "aprimo-dm",
        made: "the client id is of another integration",
        told: nothing,
        make: |config, _| config["client_id"] = json!("00000000-0000"),
        target: "/orders",
        read: "aprimo-dm: the token endpoint ORIGIN/api/v1.0/token refused the client \
               (invalid_client, HTTP 400); check \"client_id\", then call reset",
    },
    Mistake {
        provider: "cloudblue-connect",
        made: "the key has expired or was replaced",
        told: nothing,
        make: |_, connect| connect.change(json!({"api_key": "SU-000-000-000:new"})),
        target: "/products",
        read: "HTTP 401: {\"error_code\":\"AUTH_001\",\"errors\":[\"API request is \
               unauthorized.\"]}",
    },
    Mistake {
        provider: "cloudblue-connect",
        made: "the key is missing",
        told: nothing,
        make: |config, _| drop(config.as_object_mut().unwrap().remove("api_key")),
        target: "/products",
        read: "\"api_key\" is missing; CloudBlue Connect needs it (see Connect, \
               Integrations, Tokens, the token's API Key/Handle, such as \
               SU-812-241-906:...)",
    },
    Mistake {
        provider: "cloudblue-connect",
        made: "the key lacks a permission",
        told: || json!({"permissions": ["Catalog"]}),
        make: |_, _| {},
        target: "/helpdesk/cases",
        read: "HTTP 403: {\"error_code\":\"AUTH_002\",\"errors\":[\"You do not have \
               permission to perform this action.\"]}",
    },
    Mistake {
        provider: "ingram-micro",
        made: "id and secret are swapped",
        told: nothing,
        make: swap_id_and_secret,
        target: "/orders",
        read: "ingram-micro: the token endpoint ORIGIN/oauth/oauth30/token refused the \
               token request (HTTP 401); check \"client_id\", \"client_secret\" (given as \
               a value) and \"client_auth\", then call reset; it says: Client credentials are \
               invalid",
    },
    Mistake {
        provider: "ingram-micro",
        made: "a sandbox app asks production",
        told: || json!({"environment": "sandbox"}),
        make: |_, _| {},
        target: "/orders",
        read: "HTTP 401: \
               {\"fault\":{\"detail\":{\"errorcode\":\"keymanagement.service.InvalidAPICallAsNoApiProductMatchFound\"},\"faultstring\":\"Invalid \
               API call as no apiproduct match found\"}}",
    },
    Mistake {
        provider: "ingram-micro",
        made: "a URL of the sandbox in a session of production",
        told: nothing,
        make: |_, _| {},
        target: "ORIGIN/sandbox/orders",
        read: "ORIGIN/sandbox/orders is not under base_url ORIGIN/vendors/v1; add it to \
               \"allowed_urls\" if you trust it with this credential",
    },
    Mistake {
        provider: "inventorypro",
        made: "id and secret are swapped",
        told: nothing,
        make: swap_id_and_secret,
        target: "/api/v1/Products",
        read: "inventorypro: the token endpoint ORIGIN/api/v1/Token refused the client \
               (invalid_client, HTTP 400); check \"client_id\", \"client_secret\" (given \
               as a value) and \"client_auth\", then call reset; it says: Client \
               authentication failed",
    },
    Mistake {
        provider: "inventorypro",
        made: "the secret is in a variable that is not set",
        told: nothing,
        make: |config, _| config["client_secret"] = json!({"env": "INVENTORY_SECRET_UNSET"}),
        target: "/api/v1/Products",
        read: "\"client_secret\" (from environment variable INVENTORY_SECRET_UNSET) is not \
               set",
    },
    Mistake {
        provider: "inventorypro",
        made: "a read-only user posts",
        told: || json!({"read_only": true}),
        make: |_, _| {},
        target: "POST /api/v1/Orders",
        read: "HTTP 403: {\"error\":\"read_only\",\"message\":\"The user is marked \
               read-only.\"}",
    },
    Mistake {
        provider: "shopware",
        made: "id and secret are swapped",
        told: nothing,
        make: swap_id_and_secret,
        target: "/api/product",
        read: "shopware: the token endpoint ORIGIN/api/oauth/token refused the token \
               request (HTTP 401); check \"client_id\", \"client_secret\" (given as a \
               value) and \"client_auth\", then call reset; it says: Client authentication \
               failed",
    },
    Mistake {
        provider: "shopware",
        made: "the secret is missing",
        told: nothing,
        make: remove_secret,
        target: "/api/product",
        read: "\"client_secret\" is missing; Shopware 6 Admin API needs it (see the shop's \
               administration, Settings, System, Integrations: Secret access key, shown \
               once when the integration is made)",
    },
    Mistake {
        provider: "shopware",
        made: "the refresh token is spent, and there is no password",
        told: nothing,
        make: |config, _| {
            let keys = config.as_object_mut().unwrap();
            keys.retain(|key, _| key == "provider" || key == "base_url");
            *config = with(
                config.take(),
                json!({"grant": "refresh_token", "refresh_token": "def50"}),
            );
        },
        target: "/api/product",
        read: "shopware: the refresh token was refused; sign in again, put the new \
               one in \"refresh_token\" (given as a value), then call reset; the server says: \
               Token has been revoked",
    },
];

impl Mistake {
    /// Makes the mistake; what the user reads: an error's message, or the
    /// status and the body of an answer.
    pub fn happen(&self, server: &TestServer) -> String {
        let vendor = Vendor::named(self.provider);
        let emulation = vendor.emulate(server, (self.told)());
        let mut config = vendor.config(server, &emulation);
        let origin = match config.get("tls") {
            Some(_) => &emulation.tls_url,
            None => &emulation.url,
        };
        (self.make)(&mut config, &emulation);
        let read = read(&config, &self.target.replace("ORIGIN", origin));
        read.replace(origin, "ORIGIN")
    }
}

fn read(config: &Value, target: &str) -> String {
    let mut keys = Config::new();
    let answer = keys
        .merge_json(&config.to_string())
        .and_then(|keys| Client::new(keys))
        .and_then(|client| match target.strip_prefix("POST ") {
            None => client.get(target, &Call::new()),
            Some(target) => {
                let mut request = authkeep::Request::new("POST", target)?;
                request.set_json("{}")?;
                client.perform(&request, &Call::new())
            }
        });
    match answer {
        Ok(response) => format!("HTTP {}: {}", response.status(), response.text()),
        Err(error) => error.message().to_owned(),
    }
}
