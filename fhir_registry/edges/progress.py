"""How far long work on the command line is (https://tqdm.github.io/)."""

from contextlib import ExitStack, contextmanager

from tqdm import tqdm


@contextmanager
def moving_bar():
    """A function of (text, done, all) that moves a bar on standard error, a bar a text."""
    tqdm.monitor_interval = 0  # its thread: a process with threads must not fork
    with ExitStack() as open_:
        bar = None

        def show(text, done=0, total=0):
            nonlocal bar
            if bar is None or bar.desc != f"{text}: ":
                open_.close()
                bar = open_.enter_context(tqdm(desc=text, delay=1, leave=False))
            bar.total = total
            bar.update(done - bar.n)

        yield show
