using System.Runtime.CompilerServices;

namespace Qi.Actors.Model.Controller;

/// <summary>How a read-modify-write changes what it finds.</summary>
internal enum Change
{
    Replace,
    ReplaceIfEqual,
    Add,
    Or,
    And,
}

/// <summary>The atomic operations as steps of the calling thread; plain where it is not under control.</summary>
internal static class Steps
{
    public static T Read<T>(ref readonly T location, Site site)
    {
        if (ModelThread.Current is not { } thread)
        {
            NoteSetUp(in location);
            return location;
        }

        var execution = thread.Execution;
        nuint address = Execution.AddressOf(in location);
        execution.Arrive(thread, site, address);
        if (thread.IsAbandoned)
            return location;
        var place = execution.Locate(thread, address);
        var value = execution.TryReadDelayed(thread, place, site, out var others) ? others.To<T>() : location;
        execution.Recorder?.Detail($"#{place.Number} → {Word.From(value)}");
        return value;
    }

    public static void Write<T>(ref T location, T value, Site site)
    {
        if (ModelThread.Current is not { } thread)
        {
            NoteSetUp(in location);
            location = value;
            return;
        }

        var execution = thread.Execution;
        nuint address = Execution.AddressOf(in location);
        execution.Arrive(thread, site, address);
        if (!thread.IsAbandoned)
        {
            var place = execution.Locate(thread, address);
            execution.Recorder?.Detail($"#{place.Number} := {Word.From(value)}");
            if (!execution.Store(thread, place, site, Word.From(location), Word.From(value)))
                return;
        }

        location = value;
    }

    /// <summary>A read-modify-write; returns what was there before.</summary>
    public static T Update<T>(ref T location, T operand, T comparand, Change change, Site site)
    {
        if (ModelThread.Current is not { } thread)
        {
            NoteSetUp(in location);
            return Apply(ref location, operand, comparand, change, out _);
        }

        var execution = thread.Execution;
        nuint address = Execution.AddressOf(in location);
        execution.Arrive(thread, site, address);
        if (thread.IsAbandoned)
            return Apply(ref location, operand, comparand, change, out _);
        var place = execution.Locate(thread, address);
        bool hasOthers = execution.BeginUpdate(thread, place, site, out var others);
        T seen = others.To<T>();
        T before = hasOthers ? Apply(ref seen, operand, comparand, change, out bool isWritten) : Apply(ref location, operand, comparand, change, out isWritten);
        if (isWritten)
            Execution.EndUpdate(thread, place, hasOthers, Word.From(seen));
        execution.Recorder?.Detail($"#{place.Number}: {Word.From(before)}{(isWritten ? $" := {Word.From(hasOthers ? seen : location)}" : " stays")}");
        return before;
    }

    public static void Fence(Site site)
    {
        if (ModelThread.Current is not { } thread)
            return;
        var execution = thread.Execution;
        execution.Arrive(thread, site);
        if (thread.IsAbandoned)
            return;
        if (site.Kind == StepKind.ProcessWideFence)
            execution.DrainAll();
        else
            execution.DrainOf(thread);
        execution.NoteStep(thread, site, 0, 0);
    }

    public static void Pause(Site site)
    {
        if (ModelThread.Current is not { } thread)
            return;
        thread.Execution.Yield(thread, site);
        if (!thread.IsAbandoned)
            thread.Execution.NoteStep(thread, site, 0, 0);
    }

    // What is touched while the scenario is set up has the same name in every execution, whoever of the threads comes first.
    private static void NoteSetUp<T>(ref readonly T location)
    {
        if (ModelThread.Any is { Index: < 0, RawDepth: 0 } setup)
            setup.Execution.LocateInSetUp(setup, Execution.AddressOf(in location));
    }

    private static T Apply<T>(ref T location, T operand, T comparand, Change change, out bool isWritten)
    {
        T before = location;
        isWritten = change != Change.ReplaceIfEqual || Same(before, comparand);
        if (isWritten)
            location = change is Change.Replace or Change.ReplaceIfEqual ? operand : Combine(before, operand, change);
        return before;
    }

    private static bool Same<T>(T left, T right)
        => typeof(T).IsValueType ? EqualityComparer<T>.Default.Equals(left, right) : ReferenceEquals(left, right);

    private static T Combine<T>(T before, T operand, Change change)
    {
        long left = Word.From(before).Bits;
        long right = Word.From(operand).Bits;
        long result = change switch
        {
            Change.Add => left + right,
            Change.Or => left | right,
            _ => left & right,
        };
        return new Word(result, null).To<T>();
    }
}
