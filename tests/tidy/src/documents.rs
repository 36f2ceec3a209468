//! What must hold for the documents.

use anyhow::Result;
use protocol::limits::LIMITS;

use crate::{repository, root};

#[test]
fn links_between_documents_lead_somewhere() -> Result<()> {
    let mut dead = Vec::new();
    for file in repository()?.iter().filter(|file| file.is("md")) {
        let folder = root().join(file.path.parent().unwrap_or(&file.path));
        let links = file.text.split("](").skip(1);
        for link in links.filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            let outside = link.contains("://") || link.starts_with("mailto:");
            if !outside && !path.is_empty() && !folder.join(path).exists() {
                dead.push(format!("{}: {link}", file.path.display()));
            }
        }
    }
    assert!(dead.is_empty(), "these links lead nowhere: {dead:#?}");
    Ok(())
}

#[test]
fn every_limit_is_documented_with_its_default() -> Result<()> {
    let document = std::fs::read_to_string(root().join("docs/PROTOCOL.md"))?;
    for limit in LIMITS {
        let row = format!(
            "| `--{}` | {} | {} |",
            limit.option, limit.default, limit.unit
        );
        assert!(
            document.contains(&row),
            "docs/PROTOCOL.md lacks the row {row}"
        );
    }
    Ok(())
}

#[test]
fn lock_files_name_no_host() -> Result<()> {
    for file in repository()? {
        if file.path.ends_with("package-lock.json") {
            let path = file.path.display();
            assert!(!file.text.contains("\"resolved\""), "{path} names a host");
        }
    }
    Ok(())
}
