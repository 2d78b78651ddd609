"""The names of the files of a site, in one place."""

FLOW, OFFICE, LANGUAGES = "prompts/flow.yaml", "prompts/office.yaml", "prompts/languages.yaml"
SOURCE = "prompts/prompts.pot"


def po_name(language: str) -> str:
    """The file of a language's texts."""
    return f"prompts/{language}.po"
