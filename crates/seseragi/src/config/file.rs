//! The settings file, `seseragi.toml`: the same keys as the options, at the top level.

use anyhow::{Context, bail};

use super::setting::{Kind, Setting, settings};
use super::{Layers, Source};

/// Where the file is looked for when nobody names one.
const DEFAULT_PATH: &str = "seseragi.toml";

/// Puts the values of a settings file over the defaults. Without a `path` the default one is
/// read if it is there.
///
/// # Errors
///
/// When the named file can't be read, isn't TOML, or has an unknown key or a value of a wrong
/// kind.
pub(crate) fn read(layers: &mut Layers, path: Option<&str>) -> anyhow::Result<()> {
    let named = path.is_some();
    let path = path.unwrap_or(DEFAULT_PATH);
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if !named && error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error).context(format!("cannot read settings file `{path}`")),
    };
    apply(layers, &text, path).with_context(|| format!("cannot use settings file `{path}`"))
}

/// Puts the values of the file's text over the defaults.
pub(super) fn apply(layers: &mut Layers, text: &str, path: &str) -> anyhow::Result<()> {
    let table: toml::Table = text.parse()?;
    let known = settings();
    for (key, value) in table {
        let Some(setting) = known.iter().find(|setting| setting.key == key) else {
            bail!("unknown key `{key}`; `seseragi config --default` prints all of them");
        };
        let values =
            values(setting, &value).with_context(|| format!("key `{key}` cannot be `{value}`"))?;
        layers.set(setting.key, values, Source::File(path.to_owned()));
    }
    Ok(())
}

/// A TOML value as the texts that the command line would have given.
fn values(setting: &Setting, value: &toml::Value) -> anyhow::Result<Vec<String>> {
    if let (Kind::List, toml::Value::Array(items)) = (setting.kind, value) {
        return items.iter().map(scalar).collect();
    }
    Ok(vec![scalar(value)?])
}

fn scalar(value: &toml::Value) -> anyhow::Result<String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(flag) => Ok(flag.to_string()),
        toml::Value::Float(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => bail!("expected a text, a whole number or a boolean"),
    }
}
