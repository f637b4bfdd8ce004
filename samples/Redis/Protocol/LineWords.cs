namespace Redis.Protocol;

/// <summary>
/// The words of a line: apart by spaces, or in quotes. Quotes and escapes are taken out in place, which is possible because what they stand for is never longer.
/// </summary>
internal ref struct LineWords(Span<byte> line)
{
    private readonly Span<byte> _line = line;
    private int _next;

    /// <summary>Where the word is.</summary>
    public Slice Current { get; private set; }

    /// <summary>True if a quote is not closed, or is not followed by a space: the line has no words then.</summary>
    public bool AreUnbalanced { get; private set; }

    public bool MoveNext()
    {
        while (_next < _line.Length && IsSpace(_line[_next]))
            _next++;
        if (_next == _line.Length)
            return false;
        int start = _next;
        int end = start;
        while (_next < _line.Length && !IsSpace(_line[_next]))
        {
            byte quote = _line[_next];
            if (quote is not ((byte)'"' or (byte)'\''))
                _line[end++] = _line[_next++];
            else if (!TryTakeQuoted(quote, ref end))
                return !(AreUnbalanced = true);
        }

        Current = new Slice(start, end - start);
        return true;
    }

    private bool TryTakeQuoted(byte quote, ref int end)
    {
        _next++;
        while (_next < _line.Length)
        {
            byte symbol = _line[_next++];
            if (symbol == quote)
                return _next == _line.Length || IsSpace(_line[_next]);
            _line[end++] = symbol == '\\' ? Escaped(quote) : symbol;
        }

        return false;
    }

    // What follows a backslash. Between single quotes it is one only before a single quote.
    private byte Escaped(byte quote)
    {
        if (_next == _line.Length || (quote == '\'' && _line[_next] != '\''))
            return (byte)'\\';
        byte symbol = _line[_next++];
        if (symbol == 'x' && _next + 1 < _line.Length && char.IsAsciiHexDigit((char)_line[_next]) && char.IsAsciiHexDigit((char)_line[_next + 1]))
        {
            byte value = Convert.FromHexString(_line.Slice(_next, 2))[0];
            _next += 2;
            return value;
        }

        return symbol switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => (byte)'\a',
            _ => symbol,
        };
    }

    private static bool IsSpace(byte symbol) => symbol is (byte)' ' or (>= (byte)'\t' and <= (byte)'\r') or 0;
}
