// Finds commands in what was read, without copying: an argument is a place in the buffer. A command that has not come completely is gone on with, not begun
// again: what was found is counted from the command's beginning, so that the owner may move the bytes to another place between two calls. Limits and words of
// refusals are those of Redis; so is the habit of taking the two bytes after an argument for its end of line without looking at them.
// Source: https://redis.io/docs/latest/develop/reference/protocol-spec, and networking.c of Redis 7 for what is not written there.

namespace Redis.Protocol;

/// <summary>What came of looking for a command.</summary>
internal enum Parsed
{
    /// <summary>More must be read first.</summary>
    Incomplete,

    /// <summary>There is one.</summary>
    Command,

    /// <summary>There is an empty one, which is not answered.</summary>
    Nothing,

    /// <summary>No command can begin like this: <see cref="RequestParser.Error"/> is the last thing to be said on the connection.</summary>
    Refused,
}

/// <summary>The commands of one connection.</summary>
internal sealed class RequestParser
{
    /// <summary>The longest line, and the longest command of one line.</summary>
    public const int MostLineBytes = 64 * 1024;

    /// <summary>The longest argument.</summary>
    public const int MostArgumentBytes = 512 * 1024 * 1024;

    /// <summary>The most arguments of a command.</summary>
    public const int MostArguments = 1024 * 1024;

    private const int EndOfLineBytes = 2;
    private const int NotRead = -1;

    private Slice[] _arguments = new Slice[8];
    private int _count;
    private int _expected = NotRead;
    private int _argumentBytes = NotRead;

    /// <summary>How long the command is; while it is incomplete, how much of it is done with.</summary>
    public int Length { get; private set; }

    /// <summary>Why it was refused.</summary>
    public string? Error { get; private set; }

    /// <summary>The command that was found last, in the bytes that were given.</summary>
    public Request RequestIn(ReadOnlySpan<byte> bytes) => new(bytes, _arguments.AsSpan(0, _count));

    /// <summary>Begins the next command.</summary>
    public void Next()
    {
        Length = 0;
        _count = 0;
        _expected = NotRead;
        _argumentBytes = NotRead;
    }

    /// <summary>Looks for a command at the beginning of the bytes, which begin where they did at the last call but may be more. A line may be rewritten in place.</summary>
    public Parsed Parse(Span<byte> bytes)
    {
        if (_expected == NotRead)
        {
            if (bytes.IsEmpty)
                return Parsed.Incomplete;
            if (bytes[0] != '*')
                return ParseLine(bytes);
            var header = ReadNumber(bytes, "too big mbulk count string", out bool isNumber, out long count);
            if (header != Parsed.Command)
                return header;
            if (!isNumber || count > MostArguments)
                return Refuse("invalid multibulk length");
            if (count <= 0)
                return Parsed.Nothing;
            _expected = (int)count;
        }

        return ParseArguments(bytes);
    }

    private Parsed ParseArguments(ReadOnlySpan<byte> bytes)
    {
        while (_count < _expected)
        {
            if (_argumentBytes == NotRead)
            {
                int start = Length;
                var header = ReadNumber(bytes, "too big bulk count string", out bool isNumber, out long length);
                if (header != Parsed.Command)
                    return header;
                if (bytes[start] != '$')
                    return Refuse($"expected '$', got '{(char)bytes[start]}'");
                if (!isNumber || length is < 0 or > MostArgumentBytes)
                    return Refuse("invalid bulk length");
                _argumentBytes = (int)length;
            }

            if (bytes.Length - Length < _argumentBytes + EndOfLineBytes)
                return Parsed.Incomplete;
            Add(new Slice(Length, _argumentBytes));
            Length += _argumentBytes + EndOfLineBytes;
            _argumentBytes = NotRead;
        }

        return Parsed.Command;
    }

    // A line of a mark and a number, from Length on; what the mark is, the caller looks at.
    private Parsed ReadNumber(ReadOnlySpan<byte> bytes, string refusal, out bool isNumber, out long number)
    {
        isNumber = false;
        number = 0;
        var rest = bytes[Length..];
        int end = rest.IndexOf((byte)'\r');
        if (end < 0)
            return rest.Length > MostLineBytes ? Refuse(refusal) : Parsed.Incomplete;
        if (end + 1 >= rest.Length)
            return Parsed.Incomplete;
        isNumber = end > 0 && Integers.TryParse(rest[1..end], out number);
        Length += end + EndOfLineBytes;
        return Parsed.Command;
    }

    // A command as somebody types it into a terminal.
    private Parsed ParseLine(Span<byte> bytes)
    {
        int end = bytes.IndexOf((byte)'\n');
        if (end < 0)
            return bytes.Length > MostLineBytes ? Refuse("too big inline request") : Parsed.Incomplete;
        Length = end + 1;
        var words = new LineWords(end > 0 && bytes[end - 1] == '\r' ? bytes[..(end - 1)] : bytes[..end]);
        while (words.MoveNext())
            Add(words.Current);
        return words.AreUnbalanced ? Refuse("unbalanced quotes in request") : _count == 0 ? Parsed.Nothing : Parsed.Command;
    }

    private Parsed Refuse(string why)
    {
        Error = $"ERR Protocol error: {why}";
        return Parsed.Refused;
    }

    private void Add(Slice argument)
    {
        if (_count == _arguments.Length)
            Array.Resize(ref _arguments, _count * 2);
        _arguments[_count++] = argument;
    }
}
