namespace Redis.Protocol;

/// <summary>Where an argument stands, counted from the beginning of its command.</summary>
internal readonly record struct Slice(int Start, int Length);

/// <summary>A command and its arguments, as they lie in the buffer that was read into. It lives as long as the buffer is not read into again.</summary>
internal readonly ref struct Request(ReadOnlySpan<byte> bytes, ReadOnlySpan<Slice> arguments)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private readonly ReadOnlySpan<Slice> _arguments = arguments;

    /// <summary>How many there are, with the command's name.</summary>
    public int Count => _arguments.Length;

    /// <summary>The name, for 0, and the arguments after it.</summary>
    public ReadOnlySpan<byte> this[int index]
    {
        get
        {
            var (start, length) = _arguments[index];
            return _bytes.Slice(start, length);
        }
    }
}
