namespace Qi.Actors.Load.Reporting;

/// <summary>One line that says what is being done, on a terminal only.</summary>
internal sealed class Progress(TextWriter writer)
{
    private const int Width = 78;

    private readonly bool _isShown = !Console.IsErrorRedirected;

    public void Show(string what)
    {
        if (_isShown)
            writer.Write($"\r{(what.Length > Width ? what[..Width] : what).PadRight(Width)}\r");
    }

    public void Clear() => Show("");
}
