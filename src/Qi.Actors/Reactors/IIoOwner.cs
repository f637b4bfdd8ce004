using Qi.Actors.Platform;

namespace Qi.Actors.Reactors;

/// <summary>Whoever has a source: it puts into words what came of a use.</summary>
internal interface IIoOwner
{
    /// <summary>What such an operation does, and where: "Reading from 10.0.0.1:80".</summary>
    string Describe(IoKind kind);

    /// <summary>The exception for a use that has ended with an error number, or with a close.</summary>
    Exception Failure(IoKind kind, int error);
}
