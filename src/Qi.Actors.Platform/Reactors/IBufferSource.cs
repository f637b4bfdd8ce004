using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Qi.Actors.Platform;

/// <summary>Where a reactor has memory from that it hands to the operating system before anything has come.</summary>
/// <remarks><b>Threads</b>: the reactor's owner, whichever that is.</remarks>
public interface IBufferSource
{
    /// <summary>How long each buffer is. <b>Units</b>: bytes.</summary>
    int BufferBytes { get; }

    /// <summary>Gives a buffer away, until it is disposed of; false if there is none now. Must not throw.</summary>
    /// <param name="buffer">Whose it is then.</param>
    /// <param name="address">Where it lies, and stays.</param>
    bool TryRent([NotNullWhen(true)] out IMemoryOwner<byte>? buffer, out nint address);
}
