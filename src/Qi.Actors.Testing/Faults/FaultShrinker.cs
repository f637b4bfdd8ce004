// Finds a small set of faults that still makes a simulation fail: first in chunks, halves, quarters and so on down to single faults, until
// no single one can be left out; then with smaller amounts.
// Source: A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE TSE 28 (2002).

namespace Qi.Actors.Testing.Faults;

/// <summary>Makes the script of a failure small.</summary>
internal sealed class FaultShrinker(Func<IReadOnlyList<Fault>, bool> stillFails, int mostTries)
{
    private int _tries;

    /// <summary>How many simulations it took.</summary>
    public int Tries => _tries;

    /// <summary>A script without superfluous faults, as far as the tries last. The given one must fail.</summary>
    public IReadOnlyList<Fault> Shrink(IReadOnlyList<Fault> script)
    {
        if (script.Count > 0 && Fails([]))
            return [];
        for (int chunk = (script.Count + 1) / 2; chunk >= 1 && script.Count > 1;)
        {
            int before = script.Count;
            script = RemoveChunks(script, chunk);
            if (chunk == 1 && script.Count == before)
                break;
            chunk = Math.Max(1, Math.Min(chunk, script.Count) / 2);
        }

        return ShrinkAmounts(script);
    }

    private IReadOnlyList<Fault> RemoveChunks(IReadOnlyList<Fault> script, int chunk)
    {
        for (int start = 0; start < script.Count && script.Count > 1;)
        {
            List<Fault> rest = [.. script.Take(start), .. script.Skip(start + chunk)];
            if (rest.Count > 0 && Fails(rest))
                script = rest;
            else
                start += chunk;
        }

        return script;
    }

    private IReadOnlyList<Fault> ShrinkAmounts(IReadOnlyList<Fault> script)
    {
        for (int index = 0; index < script.Count; index++)
        {
            while (script[index].Amount > TimeSpan.FromMilliseconds(1))
            {
                var smaller = script[index].WithAmount(TimeSpan.FromTicks(script[index].Amount.Ticks / 2));
                List<Fault> next = [.. script.Take(index), smaller, .. script.Skip(index + 1)];
                if (!Fails(next))
                    break;
                script = next;
            }
        }

        return script;
    }

    private bool Fails(IReadOnlyList<Fault> script) => _tries < mostTries && ++_tries > 0 && stillFails(script);
}
