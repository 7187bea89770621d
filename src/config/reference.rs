//! The reference page of configuration, rendered from the schema.

use super::schema::{Default, Kind, SECTIONS};

const HEAD: &str = "\
<!-- Rendered from src/config/keys.rs; AUTHKEEP_BLESS=1 cargo test --test config writes it. -->

# Configuration

In JSON a dotted key is an object in an object:

```json
{
  \"base_url\": \"https://api.example/v1\",
  \"token_endpoint\": \"https://login.example/oauth/token\",
  \"client_id\": \"robot\",
  \"client_secret\": {\"env\": \"ROBOT_SECRET\"},
  \"timeouts\": {\"total_ms\": 10000}
}
```

The same for other grants: a user's password, a refresh token, a key in a header of its own, and a
token request with a JSON body and further fields:

```json
{
  \"base_url\": \"https://api.example/v1\",
  \"token_endpoint\": \"https://login.example/oauth/token\",
  \"grant\": \"password\",
  \"client_id\": \"robot\",
  \"username\": \"ann\",
  \"password\": {\"env\": \"ANNS_PASSWORD\"}
}
```

```json
{
  \"base_url\": \"https://api.example/v1\",
  \"token_endpoint\": \"https://login.example/oauth/token\",
  \"grant\": \"refresh_token\",
  \"client_id\": \"robot\",
  \"refresh_token\": {\"file\": \"/run/secrets/refresh-token\"}
}
```

```json
{
  \"base_url\": \"https://api.example/v1\",
  \"grant\": \"api_key\",
  \"api_key\": {\"command\": [\"pass\", \"show\", \"example/key\"]},
  \"credential\": {\"header\": \"X-Api-Key\"}
}
```

```json
{
  \"base_url\": \"https://api.example/v1\",
  \"token_endpoint\": \"https://login.example/oauth/token\",
  \"client_id\": \"robot\",
  \"client_secret\": {\"env\": \"ROBOT_SECRET\"},
  \"client_auth\": \"body\",
  \"token_request\": {\"format\": \"json\", \"fields\": {\"audience\": \"https://api.example\"}}
}
```

As text, in `set` of each language, it is one dotted key and its value: `timeouts.total_ms` and
`10000`, `client_secret.env` and `ROBOT_SECRET`, `token_request.fields.audience` and a text. Lists
are given in JSON.

An unknown key is an error that names the nearest known one; two members with one name are an error
too. No error quotes a value. Ids, URLs, scopes, names and values of headers can't have control
characters.

## Layers

1. The defaults below.
2. A provider, if the key `provider` names one.
3. A profile.
4. What the program sets, with `set` and `merge_json` in the order of the calls.

A higher layer hides what a lower one says about the same key, whatever the order of the calls.
Maps are merged name by name. In JSON `null` deletes what the lower layers say about a key, a map or
a whole object; then the default holds. A secret is replaced as a whole.

`if_known` is an object of keys that are applied, after all others, by a version of authkeep that
knows them, and ignored by one that doesn't.

## Secrets

A secret is a text, or a reference that is read before each token request, so that a running service
takes up a secret that has changed:

| in JSON | as text | what is read |
|---|---|---|
| `\"text\"` | `client_secret` | the text itself |
| `{\"env\": \"NAME\"}` | `client_secret.env` | an environment variable |
| `{\"file\": \"PATH\"}` | `client_secret.file` | a regular file of UTF-8 |
| `{\"command\": [\"PROGRAM\", \"ARGUMENT\"]}` | | the standard output of a program |

Of a file or an output at most 64 KiB are read, and one line end after the last line is cut off. A
command is run without a shell, reads nothing, has 10 seconds, and must end with exit code 0; its
standard error is discarded. In a program with more rights than the user who started it
(set-user-ID, file capabilities) the environment counts as empty. Variables that the program hands
over (`set_env`) go before those of the process.

In `token_request.fields`, `token_request.headers` and `request.headers` a name that ends in `.env`,
`.file`, `.command` or `.generate` can be given in JSON only, since as text it is a reference.

## Profiles

A profile file has named configurations:

```json
{
  \"profiles\": {
    \"shop-test\": {\"base_url\": \"https://test.example\", \"client_id\": \"robot\"},
    \"shop\": {\"base_url\": \"https://shop.example\", \"client_id\": \"robot\"}
  }
}
```

The user's own file is `authkeep/profiles.json` in `$XDG_CONFIG_HOME` or `~/.config` on Linux, in
`~/Library/Application Support` on macOS, in `%APPDATA%` on Windows. A program may name another
file; then secrets in it may be references only with the permission of the program
(`allow_references`), because whoever writes the file would choose which files are read and which
programs are run. Nothing is searched in the working directory. Relative paths in a profile start
from the directory of its file.

## Provider files

A provider says how a system is talked to, never who talks. Those that the library knows are
described in [docs/providers](providers/README.md); another is a file of your own:

```json
{
  \"title\": \"Example Orders\",
  \"needs\": [
    {\"key\": \"client_id\", \"place\": \"Example console, Settings, API clients\"},
    {\"key\": \"client_secret\", \"place\": \"Example console, Settings, API clients\"}
  ],
  \"config\": {\"token_endpoint\": \"/oauth/token\", \"environment\": \"test\"},
  \"grants\": {\"client_credentials\": {\"client_auth\": \"body\"}},
  \"environments\": {
    \"test\": {\"base_url\": \"https://test.example/v1\"},
    \"live\": {\"base_url\": \"https://live.example/v1\"}
  }
}
```

`config` has keys of this page, `grants` and `environments` what holds for one of them alone; the
grants listed are those that the system knows. A key of `needs`, for every grant or with `grant` for
one, must be given, or the error says where it is found. References to secrets are not allowed in it.
";

/// The reference page of configuration keys, in Markdown; `docs/config.md` is
/// a copy of it.
pub fn config_reference() -> String {
    let mut page = HEAD.to_owned();
    for section in SECTIONS {
        page += &format!("\n## {}\n", section.title);
        for key in section.keys {
            let default = match key.default {
                Default::Absent => "none".to_owned(),
                Default::Json(json) => format!("`{}`", json.trim_matches('"')),
                Default::Depends(text) => text.to_owned(),
            };
            let facts = format!("Takes {}. Default: {default}.", describe(key.kind));
            let (facts, doc) = (wrap(&facts), wrap(key.doc));
            page += &format!(
                "
### `{}`

{facts}

{doc}
",
                key.name
            );
        }
    }
    page
}

fn describe(kind: Kind) -> String {
    let fixed = match kind {
        Kind::Text | Kind::Words => "text",
        Kind::HeaderName => "the name of a header",
        Kind::HeaderText => "printable ASCII",
        Kind::Provider => "a name or a path",
        Kind::Scope => "text, or a list of texts",
        Kind::Url => "a URL",
        Kind::Urls => "a list of URLs",
        Kind::Endpoint => "a URL or a path",
        Kind::Secret { .. } => "a [secret](#secrets)",
        Kind::Bool => "`true` or `false`",
        Kind::Path => "a path",
        Kind::Fields => "an object of field names and [secrets](#secrets) or other texts",
        Kind::Headers => "an object of header names and [secrets](#secrets) or other texts",
        Kind::RequestHeaders => "an object of header names and values",
        Kind::HeaderValue => "the value of a header",
        Kind::Renames(_) => "an object of names and names",
        Kind::Integer { min, max } => return format!("a whole number from {min} to {max}"),
        Kind::Choice(choices) => return format!("one of {}", code_list(choices)),
        Kind::Codes(codes) => {
            let codes: Vec<_> = codes.iter().map(u16::to_string).collect();
            return format!("a list that may have {}", code_list(&codes));
        }
    };
    fixed.to_owned()
}

fn code_list(words: &[impl AsRef<str>]) -> String {
    let words: Vec<_> = words
        .iter()
        .map(|word| format!("`{}`", word.as_ref()))
        .collect();
    words.join(", ")
}

/// Breaks lines at 100 characters.
fn wrap(text: &str) -> String {
    let mut wrapped = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if width > 0 && width + 1 + length > 100 {
            wrapped.push('\n');
            width = 0;
        } else if width > 0 {
            wrapped.push(' ');
            width += 1;
        }
        wrapped.push_str(word);
        width += length;
    }
    wrapped
}
