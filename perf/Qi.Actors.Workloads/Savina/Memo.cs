namespace Qi.Actors.Workloads.Savina;

/// <summary>Remembers the last answer, so that a check which has to calculate does so once and not in every round.</summary>
internal static class Memo
{
    public static Func<int, long> Of(Func<int, long> calculate)
    {
        Tuple<int, long>? last = null;
        return size =>
        {
            var known = last;
            if (known?.Item1 != size)
                last = known = Tuple.Create(size, calculate(size));
            return known.Item2;
        };
    }
}
