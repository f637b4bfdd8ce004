// Stands in for src/Qi.Actors.Platform/Atomic.cs: the same operations, each of them a step of the execution in progress. On a thread that is
// not under control, and in checks, they are plain accesses. The call's place comes along, so that a report can name it.

using System.Runtime.CompilerServices;

using Qi.Actors.Model.Controller;

namespace Qi.Actors.Platform;

/// <summary>Atomic and ordered memory accesses, under control.</summary>
public static class Atomic
{
    public static int Read(ref readonly int location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Read(in location, new Site(StepKind.Read, file, line));

    public static uint Read(ref readonly uint location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Read(in location, new Site(StepKind.Read, file, line));

    public static long Read(ref readonly long location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Read(in location, new Site(StepKind.Read, file, line));

    public static ulong Read(ref readonly ulong location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Read(in location, new Site(StepKind.Read, file, line));

    public static bool Read(ref readonly bool location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Read(in location, new Site(StepKind.Read, file, line));

    public static T Read<T>(ref readonly T location, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class?
        => Steps.Read(in location, new Site(StepKind.Read, file, line));

    public static void Write(ref int location, int value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Write(ref location, value, new Site(StepKind.Write, file, line));

    public static void Write(ref uint location, uint value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Write(ref location, value, new Site(StepKind.Write, file, line));

    public static void Write(ref long location, long value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Write(ref location, value, new Site(StepKind.Write, file, line));

    public static void Write(ref ulong location, ulong value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Write(ref location, value, new Site(StepKind.Write, file, line));

    public static void Write(ref bool location, bool value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Write(ref location, value, new Site(StepKind.Write, file, line));

    public static void Write<T>(ref T location, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class?
        => Steps.Write(ref location, value, new Site(StepKind.Write, file, line));

    public static int Exchange(ref int location, int value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, default, Change.Replace, new Site(StepKind.Exchange, file, line));

    public static long Exchange(ref long location, long value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, default, Change.Replace, new Site(StepKind.Exchange, file, line));

    public static T Exchange<T>(ref T location, T value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class?
        => Steps.Update(ref location, value, default!, Change.Replace, new Site(StepKind.Exchange, file, line));

    public static int CompareExchange(ref int location, int value, int comparand, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, comparand, Change.ReplaceIfEqual, new Site(StepKind.CompareExchange, file, line));

    public static long CompareExchange(ref long location, long value, long comparand, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, comparand, Change.ReplaceIfEqual, new Site(StepKind.CompareExchange, file, line));

    public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, comparand, Change.ReplaceIfEqual, new Site(StepKind.CompareExchange, file, line));

    public static T CompareExchange<T>(ref T location, T value, T comparand, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        where T : class?
        => Steps.Update(ref location, value, comparand, Change.ReplaceIfEqual, new Site(StepKind.CompareExchange, file, line));

    public static int Add(ref int location, int value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, default, Change.Add, new Site(StepKind.Add, file, line)) + value;

    public static long Add(ref long location, long value, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, value, default, Change.Add, new Site(StepKind.Add, file, line)) + value;

    public static int Or(ref int location, int bits, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, bits, default, Change.Or, new Site(StepKind.Or, file, line));

    public static int And(ref int location, int bits, [CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Update(ref location, bits, default, Change.And, new Site(StepKind.And, file, line));

    public static void Fence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Fence(new Site(StepKind.Fence, file, line));

    public static void ProcessWideFence([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Fence(new Site(StepKind.ProcessWideFence, file, line));

    public static void Pause([CallerFilePath] string file = "", [CallerLineNumber] int line = 0)
        => Steps.Pause(new Site(StepKind.Pause, file, line));
}
