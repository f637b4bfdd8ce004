namespace Qi.Actors.Workloads.Savina;

/// <summary>A party that asks a server so many times, one question after the other, and counts the good replies.</summary>
internal abstract class Client<TCarrier>(Round<TCarrier> round, int questions) : Role<TCarrier, int>
    where TCarrier : struct, ICarrier
{
    private int _asked;
    private int _good;

    /// <summary>The first message is the order to begin; the others are replies.</summary>
    public sealed override void Receive(int message)
    {
        if (_asked > 0 && IsGood(message))
            _good++;
        if (_asked++ < questions)
            Ask();
        else
            round.Finish(_good);
    }

    protected abstract void Ask();

    protected abstract bool IsGood(int reply);
}
