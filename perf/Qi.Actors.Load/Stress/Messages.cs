using System.Runtime.InteropServices;

namespace Qi.Actors.Load.Stress;

/// <summary>What every stress message carries: its shape, its edge (who sends it to this receiver) and its number on that edge.</summary>
internal interface IStressMessage
{
    int Shape { get; }

    int Edge { get; }

    long Number { get; }
}

/// <summary>A message type that shapes can be made of.</summary>
internal interface IStressMessage<TSelf> : IStressMessage
    where TSelf : IStressMessage<TSelf>
{
    static abstract TSelf Create(int shape, int edge, long number);
}

/// <summary>A message on the heap.</summary>
internal sealed class ClassMessage(int shape, int edge, long number) : IStressMessage<ClassMessage>
{
    public int Shape => shape;

    public int Edge => edge;

    public long Number => number;

    public static ClassMessage Create(int shape, int edge, long number) => new(shape, edge, number);
}

/// <summary>A message that must never be boxed.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly struct StructMessage(int shape, int edge, long number) : IStressMessage<StructMessage>
{
    public int Shape => shape;

    public int Edge => edge;

    public long Number => number;

    public static StructMessage Create(int shape, int edge, long number) => new(shape, edge, number);
}
