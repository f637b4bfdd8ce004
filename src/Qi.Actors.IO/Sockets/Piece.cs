using System.Buffers;

using Qi.Actors.Platform;
using Qi.Actors.Reactors;

namespace Qi.Actors.IO;

/// <summary>What a receive without a buffer of its own has brought.</summary>
/// <param name="Buffer">What was read into; the receiver's to give back. Null if nothing was read.</param>
/// <param name="Count">How many bytes; 0 at the end of what the other end sends, and -1 if the reactor had no buffer left.</param>
internal readonly record struct Piece(IMemoryOwner<byte>? Buffer, int Count);

/// <summary>Makes pieces of what a source has received.</summary>
internal sealed class Arrival : IoResult<Piece>
{
    public static Arrival Of(IoSource source)
    {
        IoWait<Piece>.Register();
        return new Arrival { Source = source };
    }

    protected override Piece Make(int result)
    {
        var buffer = Source.Wanted.Received;
        Source.Wanted.Received = null;
        return new Piece(buffer, result == IoOperation.NoBuffer ? -1 : result);
    }
}
