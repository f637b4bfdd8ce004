namespace Qi.Actors.IO;

/// <summary>Whoever has to know which memory an owner's buffers may lie in: a reactor that registers it with the system.</summary>
/// <remarks>
/// <b>Threads</b>: the thread that owns the pool, in the middle of a rent, a trim or a close: neither rent nor return here.
/// <b>Order</b>: created comes before the first rent from the chunk, released after the last, except that a close releases chunks whose buffers are still
/// out: their memory lives on until they are back. Each chunk is released once.
/// </remarks>
internal interface IChunkObserver
{
    /// <summary>A chunk has been made. If this throws, the chunk is not used and the rent fails with the same exception.</summary>
    void OnChunkCreated(BufferChunk chunk);

    /// <summary>A chunk is let go; its index may be used again from now on. Must not throw.</summary>
    void OnChunkReleased(BufferChunk chunk);
}
