using System.Buffers;
using System.Diagnostics;
using System.Text;

namespace Redis.Protocol;

/// <summary>Replies in RESP2, one after another, until they are sent. The methods are the kinds of replies.</summary>
internal sealed class ReplyBuffer : IDisposable
{
    private const int FirstBytes = 4 * 1024;

    /// <summary>A larger one is not kept from one sending to the next.</summary>
    private const int MostKeptBytes = 64 * 1024;

    /// <summary>A mark, a number and an end of line.</summary>
    private const int MostNumberBytes = 1 + Integers.MostBytes + 2;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);

    /// <summary>How much is written.</summary>
    public int Length { get; private set; }

    /// <summary>What is written. It is overwritten after <see cref="Clear"/>.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    public void Ok() => Raw("+OK\r\n"u8);

    public void Null() => Raw("$-1\r\n"u8);

    public void Simple(ReadOnlySpan<byte> text)
    {
        Raw("+"u8);
        Raw(text);
        Raw("\r\n"u8);
    }

    /// <summary>An error, which begins with a word in capitals. Line ends in it are made spaces.</summary>
    public void Error(string text)
    {
        Raw("-"u8);
        Raw(Encoding.UTF8.GetBytes(text.ReplaceLineEndings(" ")));
        Raw("\r\n"u8);
    }

    public void Integer(long number) => Number((byte)':', number);

    /// <summary>The head of a list of replies.</summary>
    public void List(int count) => Number((byte)'*', count);

    public void Bulk(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length + MostNumberBytes + 2);
        Number((byte)'$', bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
        EndLine();
    }

    public void Bulk(string text) => Bulk(Encoding.UTF8.GetBytes(text));

    public void Raw(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Forgets what is written: it was sent.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length <= MostKeptBytes)
            return;
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);

    private void Number(byte mark, long number)
    {
        Reserve(MostNumberBytes);
        _bytes[Length++] = mark;
        bool isWritten = number.TryFormat(_bytes.AsSpan(Length), out int digits);
        Debug.Assert(isWritten, "There is room for any number.");
        Length += digits;
        EndLine();
    }

    private void EndLine()
    {
        _bytes[Length++] = (byte)'\r';
        _bytes[Length++] = (byte)'\n';
    }

    private void Reserve(int more)
    {
        if (_bytes.Length - Length >= more)
            return;
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(Length + more), (int)Math.Min(2L * _bytes.Length, Array.MaxLength)));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
