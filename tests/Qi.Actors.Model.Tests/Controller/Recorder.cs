using System.Globalization;
using System.Text;

namespace Qi.Actors.Model.Controller;

/// <summary>Writes the steps of an execution, one on a line; long stretches of one thread are cut in the middle.</summary>
internal sealed class Recorder
{
    private const int ShownOfStretch = 24;

    private readonly List<(int Thread, string Text)> _lines = [];

    public void Step(ModelThread thread, Site site)
        => _lines.Add((thread.Index, string.Create(CultureInfo.InvariantCulture, $"T{thread.Index} {thread.Name,-14} {site}")));

    /// <summary>Adds to the last step what it touched and found.</summary>
    public void Detail(string text)
    {
        var (thread, line) = _lines[^1];
        _lines[^1] = (thread, $"{line} {text}");
    }

    public void Note(string text) => _lines.Add((-1, $"   ({text})"));

    public override string ToString()
    {
        var text = new StringBuilder();
        for (int start = 0; start < _lines.Count;)
        {
            int end = start;
            while (end < _lines.Count && _lines[end].Thread == _lines[start].Thread)
                end++;
            for (int i = start; i < end; i++)
            {
                int left = end - i;
                if (end - start > ShownOfStretch && i - start == ShownOfStretch / 2)
                {
                    int skipped = left - (ShownOfStretch / 2);
                    text.AppendLine(CultureInfo.InvariantCulture, $"   … {skipped} more steps of this thread …");
                    i += skipped - 1;
                    continue;
                }

                text.AppendLine(_lines[i].Text);
            }

            start = end;
        }

        return text.ToString();
    }
}
