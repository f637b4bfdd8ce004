namespace Qi.Actors.Coroutines;

/// <summary>What a coroutine waits for that must come to its own end, also after a cancel: it holds memory of the coroutine's until then.</summary>
internal interface ICancellableWait
{
    /// <summary>The wait of this coroutine with this epoch is to end soon. Any thread; it may be over by then.</summary>
    void CancelWait(CoroutineBox root, int epoch);
}
