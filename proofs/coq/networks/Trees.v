(** What a certificate says: a tree that parts a box, and multipliers at its leaves. *)

From Coq Require Import ZArith List Reals Lra Lia Bool.
From Networks Require Import Networks.
Import ListNotations.

(** Why a conjunction cannot hold: numbers of its constraints with multipliers, and for each layer
    of units, the last first, multipliers of what is known of them. *)
Record reason := { factors : list (nat * Z); pushes : list (list Z) }.

Inductive tree :=
  | Cut (input : nat) (at_ : Z) (low high : tree)
  | Split (layer unit cut : nat) (low high : tree)
  | Exactly (t : tree)                  (* a part for the exact checker *)
  | Leaf (why : list reason).           (* one a conjunction *)

(** A unit's piece is at most the cut's number, or more. *)
Record phase := { at_layer : nat; at_unit : nat; at_cut : nat; above : bool }.

(** ** Phases over the reals *)

Definition empty_layer : whole_layer := {| over := 1; whole := []; bends := Affine |}.

Definition before_at (N : list whole_layer) (i : nat) (x : list R) : list R :=
  before (real_layer (nth i N empty_layer)) (output (real (firstn i N)) x).

(** Relu has the pieces 0 and 1, which meet in 0. *)
Definition denominator (s : shape) : Z := match s with Pieces d _ _ => d | _ => 1 end.
Definition lines_of (s : shape) : list (Z * Z) :=
  match s with Relu => [(0, 0); (1, 0)] | Affine => [(1, 0)] | Pieces _ lines _ => lines end%Z.
Definition cuts_of (s : shape) : list (Z * bool) :=
  match s with Relu => [(0%Z, false)] | Affine => [] | Pieces _ _ cuts => cuts end.

Definition piece_of (s : shape) (z : R) : nat := piece_at (denominator s) (cuts_of s) z.

Lemma value_by_pieces s z :
  value s z = on_line (denominator s) (nth (piece_of s z) (lines_of s) (0, 0)%Z) z.
Proof.
  destruct s; unfold piece_of, on_line; cbn; [| field | reflexivity].
  unfold left_of, relu; cbn [fst snd].
  destruct (Rlt_dec _ _) as [less | more]; cbn.
  - rewrite Rmax_left by lra; field.
  - destruct (Req_EM_T _ _) as [e | other]; cbn; rewrite Rmax_right by lra; field.
Qed.

Definition piece_at_unit (N : list whole_layer) (x : list R) (p : phase) : nat :=
  piece_of (bends (nth (at_layer p) N empty_layer)) (nth (at_unit p) (before_at N (at_layer p) x) 0%R).

Definition on_side (N : list whole_layer) (x : list R) (p : phase) : Prop :=
  if above p then (at_cut p < piece_at_unit N x p)%nat else (piece_at_unit N x p <= at_cut p)%nat.

Definition side (layer unit cut : nat) (above : bool) : phase :=
  {| at_layer := layer; at_unit := unit; at_cut := cut; above := above |}.

(** ** Parts of boxes *)

Fixpoint lower_high (B : box) (i : nat) (v : Z) : box :=
  match B, i with
  | (lo, hi) :: B, O => (lo, Z.min v hi) :: B
  | b :: B, S i => b :: lower_high B i v
  | [], _ => []
  end.

Fixpoint raise_low (B : box) (i : nat) (v : Z) : box :=
  match B, i with
  | (lo, hi) :: B, O => (Z.max v lo, hi) :: B
  | b :: B, S i => b :: raise_low B i v
  | [], _ => []
  end.

Lemma min_IZR (a b : Z) (r : R) : (r <= IZR a -> r <= IZR b -> r <= IZR (Z.min a b))%R.
Proof. intros; destruct (Z.min_spec a b) as [[_ ->] | [_ ->]]; auto. Qed.

Lemma max_IZR (a b : Z) (r : R) : (IZR a <= r -> IZR b <= r -> IZR (Z.max a b) <= r)%R.
Proof. intros; destruct (Z.max_spec a b) as [[_ ->] | [_ ->]]; auto. Qed.

Lemma lower_high_in d B x i v :
  in_box d B x -> (nth i x 0 * IZR d <= IZR v)%R -> in_box d (lower_high B i v) x.
Proof.
  intro inside; revert i; induction inside as [| [lo hi] y B x here rest IH]; intros [| i] below;
    cbn [lower_high nth] in *; try apply Forall2_nil; apply Forall2_cons; cbn [fst snd]; auto; try (now apply IH).
  split; [apply here | apply min_IZR; tauto].

Qed.

Lemma raise_low_in d B x i v :
  in_box d B x -> (IZR v <= nth i x 0 * IZR d)%R -> in_box d (raise_low B i v) x.
Proof.
  intro inside; revert i; induction inside as [| [lo hi] y B x here rest IH]; intros [| i] beyond;
    cbn [raise_low nth] in *; try apply Forall2_nil; apply Forall2_cons; cbn [fst snd]; auto; try (now apply IH).
  split; [apply max_IZR; tauto | apply here].
Qed.

Lemma lower_high_length B i v : length (lower_high B i v) = length B.
Proof. revert i; induction B as [| [lo hi] B IH]; intros [| i]; cbn; auto. Qed.

Lemma raise_low_length B i v : length (raise_low B i v) = length B.
Proof. revert i; induction B as [| [lo hi] B IH]; intros [| i]; cbn; auto. Qed.

(** ** Sums of constraints *)

Definition nothing (inputs outputs : nat) : constraint :=
  {| of_inputs := repeat 0%Z inputs; of_outputs := repeat 0%Z outputs; least := 0; strict := false |}.

Fixpoint add_times (m : Z) (g h : list Z) : list Z :=
  match g, h with a :: g, b :: h => (m * a + b)%Z :: add_times m g h | _, _ => [] end.

Definition add_constraint (m : Z) (k l : constraint) : constraint :=
  {| of_inputs := add_times m (of_inputs k) (of_inputs l);
     of_outputs := add_times m (of_outputs k) (of_outputs l);
     least := (m * least k + least l)%Z;
     strict := (if (0 <? m)%Z then strict k else false) || strict l |}.

Definition fits (inputs outputs : nat) (k : constraint) : bool :=
  Nat.eqb (length (of_inputs k)) inputs && Nat.eqb (length (of_outputs k)) outputs.

Fixpoint combined (inputs outputs : nat) (ks : list constraint) (fs : list (nat * Z))
  : option constraint :=
  match fs with
  | [] => Some (nothing inputs outputs)
  | (i, m) :: fs =>
    match nth_error ks i, combined inputs outputs ks fs with
    | Some k, Some l =>
      if (0 <=? m)%Z && fits inputs outputs k then Some (add_constraint m k l) else None
    | _, _ => None
    end
  end.

Lemma dot_add m : forall g h x, length g = length h ->
  dot (map IZR (add_times m g h)) x = (IZR m * dot (map IZR g) x + dot (map IZR h) x)%R.
Proof.
  induction g as [| a g IH]; intros [| b h] [| v x] same; cbn in *; try discriminate; try lra.
  rewrite IH by lia; rewrite plus_IZR, mult_IZR; lra.
Qed.

Lemma add_times_length m : forall g h, length g = length h -> length (add_times m g h) = length h.
Proof. induction g as [| a g IH]; intros [| b h] same; cbn in *; try discriminate; auto. Qed.

Lemma dot_repeat_zero n x : dot (map IZR (repeat 0%Z n)) x = 0%R.
Proof. revert x; induction n as [| n IH]; intros [| v x]; cbn; auto; rewrite IH; lra. Qed.

Lemma fits_lengths n m k : fits n m k = true -> length (of_inputs k) = n /\ length (of_outputs k) = m.
Proof.
  unfold fits; intro ok; apply andb_prop in ok as [a b].
  apply Nat.eqb_eq in a; apply Nat.eqb_eq in b; auto.
Qed.

Lemma combined_holds n m x y ks : Forall (holds x y) ks ->
  forall fs k, combined n m ks fs = Some k -> fits n m k = true /\ holds x y k.
Proof.
  intro all_hold; induction fs as [| [i f] fs IH]; intros k made; cbn [combined] in made.
  - injection made as <-; unfold fits, holds, form_of, nothing; cbn.
    rewrite !repeat_length, !Nat.eqb_refl, !dot_repeat_zero; split; [reflexivity | lra].
  - destruct (nth_error ks i) as [l |] eqn:found; [| discriminate].
    destruct (combined n m ks fs) as [rest |]; [| discriminate].
    destruct ((0 <=? f)%Z && fits n m l) eqn:ok; [| discriminate]; injection made as <-.
    apply andb_prop in ok as [positive ok]; apply Z.leb_le in positive.
    apply fits_lengths in ok as [inputs_l outputs_l].
    destruct (IH rest eq_refl) as [ok rest_holds]; apply fits_lengths in ok as [inputs_r outputs_r].
    rewrite Forall_forall in all_hold; generalize (all_hold l (nth_error_In _ _ found)); intro l_holds.
    split.
    + unfold fits, add_constraint; cbn.
      rewrite !add_times_length by congruence; rewrite inputs_r, outputs_r, !Nat.eqb_refl; reflexivity.
    + unfold holds, form_of, add_constraint in *; cbn [of_inputs of_outputs least strict].
      rewrite !dot_add, plus_IZR, mult_IZR by congruence.
      set (a := dot (map IZR (of_inputs l)) x) in *; set (b := dot (map IZR (of_outputs l)) y) in *.
      set (c := dot (map IZR (of_inputs rest)) x) in *; set (e := dot (map IZR (of_outputs rest)) y) in *.
      assert (IZR (least l) <= a + b)%R as l_weak by (destruct (strict l); lra).
      assert (IZR (least rest) <= c + e)%R as rest_weak by (destruct (strict rest); lra).
      destruct (0 <? f)%Z eqn:more.
      * apply Z.ltb_lt in more; apply (IZR_lt 0) in more.
        destruct (strict l), (strict rest); cbn [orb]; nra.
      * apply Z.ltb_ge in more; assert (f = 0)%Z as -> by lia.
        destruct (strict rest); cbn [orb]; lra.
Qed.

(** What a bound of a sum's left-hand side says against it. *)
Definition refutes (k : constraint) (bound : Z) : bool :=
  if strict k then (bound <=? 0)%Z else (bound <? 0)%Z.
