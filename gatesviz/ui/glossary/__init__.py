"""The page *Glossary*: every letter and term in one sentence, with a link into the app."""
