using System.Buffers;

namespace Redis.Protocol;

/// <summary>What was read and not done with yet: it stands in one piece, and grows as a command needs it.</summary>
internal sealed class RequestBuffer : IDisposable
{
    /// <summary>A command that is longer ends its connection.</summary>
    public const int MostBytes = 1 << 30;

    private const int FirstBytes = 4 * 1024;

    /// <summary>So many bytes are read at once from one who sends many, unless a longer command asks for more.</summary>
    private const int EagerBytes = 64 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _start;
    private int _end;
    private bool _wasFilled;

    /// <summary>What was read and not done with.</summary>
    public Span<byte> Unread => _bytes.AsSpan(_start, _end - _start);

    /// <summary>Room to read into: never none. Null if a command is too long.</summary>
    public Memory<byte>? Room()
    {
        int unread = _end - _start;
        if (unread == 0)
        {
            _start = _end = 0;
            if (_bytes.Length > EagerBytes || (_wasFilled && _bytes.Length < EagerBytes))
                Move(_wasFilled ? EagerBytes : FirstBytes);
        }
        else if (unread > _bytes.Length / 2)
        {
            if (_bytes.Length >= MostBytes)
                return null;
            Move(_bytes.Length * 2);
        }
        else if (_bytes.Length - _end < _bytes.Length / 2)
        {
            Unread.CopyTo(_bytes);
            (_start, _end) = (0, unread);
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>So much was read into the room.</summary>
    public void Fill(int count)
    {
        _end += count;
        _wasFilled = _end == _bytes.Length;
    }

    /// <summary>So much of what is unread is done with.</summary>
    public void Take(int count) => _start += count;

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private void Move(int length)
    {
        byte[] other = ArrayPool<byte>.Shared.Rent(length);
        var unread = Unread;
        unread.CopyTo(other);
        ArrayPool<byte>.Shared.Return(_bytes);
        (_bytes, _start, _end) = (other, 0, unread.Length);
    }
}
