namespace Qi.Actors.Coroutines;

/// <summary>What a coroutine's one field for its surroundings points to: its host, or its extras, which know the host.</summary>
internal abstract class CoroutineHome
{
    /// <summary>The host. Set before the coroutine is shared.</summary>
    public CoroutineHost Host = null!;
}
