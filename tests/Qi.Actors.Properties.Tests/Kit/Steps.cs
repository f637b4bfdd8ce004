using FsCheck;
using FsCheck.Fluent;

namespace Qi.Actors.Properties.Tests.Kit;

/// <summary>Generators of steps.</summary>
internal static class Steps
{
    /// <summary>One of these, as often as its weight says.</summary>
    public static Gen<Step<TSubject>> Of<TSubject>(params (int Weight, Gen<Step<TSubject>> Steps)[] kinds) => Gen.Frequency(kinds);

    /// <summary>A step without parameters.</summary>
    public static Gen<Step<TSubject>> Just<TSubject>(Step<TSubject> step) => Gen.Constant(step);

    /// <summary>A step with a number from 0 to <paramref name="greatest"/>.</summary>
    public static Gen<Step<TSubject>> With<TSubject>(int greatest, Func<int, Step<TSubject>> create)
        => Gen.Choose(0, greatest).Select(create);

    /// <summary>A step with two numbers, each from 0 to its greatest.</summary>
    public static Gen<Step<TSubject>> With<TSubject>(int greatest, int otherGreatest, Func<int, int, Step<TSubject>> create)
        => Gen.Choose(0, greatest).Zip(Gen.Choose(0, otherGreatest), create);

    /// <summary>Numbers of every order of magnitude, up to <paramref name="bits"/> bits.</summary>
    public static Gen<long> AnyMagnitude(int bits)
        => Gen.Choose(0, bits).SelectMany(_ => Gen.Choose(0, int.MaxValue).Two(), (count, parts) => ((long)parts.Item1 << 31 | (uint)parts.Item2) & ((1L << count) - 1));
}
