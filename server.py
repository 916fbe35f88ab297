"""WSGI entry point: `server:app` for any WSGI server; `python server.py` serves (https://peps.python.org/pep-3333/)."""


def __getattr__(name):
    """Make `app` from the environment when it is first asked for; importing this module opens nothing."""
    if name != "app":
        raise AttributeError(f"module 'server' has no attribute '{name}'")
    from fhir_registry.edges.serve import load_app

    globals()["app"] = load_app()
    return globals()["app"]


if __name__ == "__main__":
    from fhir_registry.edges.cli import main

    main(["serve"])
