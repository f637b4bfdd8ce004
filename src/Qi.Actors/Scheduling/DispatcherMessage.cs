namespace Qi.Actors.Scheduling;

/// <summary>A control message to a dispatcher, applied on its own thread: only that thread touches what it owns.</summary>
internal abstract class DispatcherMessage
{
    /// <summary>Does what the message asks for.</summary>
    public abstract void Apply(Dispatcher dispatcher);
}
